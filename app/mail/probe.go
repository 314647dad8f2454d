package mail

import (
	"context"
	"fmt"
)

// Probe greets the mail server and signs in, and sends nothing.
func (s SMTP) Probe(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c, err := s.dialer().Dial()
	if err != nil {
		return fmt.Errorf("the mail server %s doesn't let us in: %w", s.Host, err)
	}
	return c.Close()
}
