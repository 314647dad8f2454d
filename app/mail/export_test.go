package mail

import "context"

// Send runs the job of one mail.
func Send(ctx context.Context, o *Outbox, id int64) error { return o.send(ctx, id) }

// Missing returns the messages that were wanted and not there.
func Missing(o *Outbox) []string { return o.catalogue.Missing() }
