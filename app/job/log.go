package job

import (
	"context"
	"errors"
	"log/slog"
)

// unlessStopped says nothing of what was broken off because the queue stops.
type unlessStopped struct{ slog.Handler }

// Handle implements slog.Handler.
func (h unlessStopped) Handle(ctx context.Context, r slog.Record) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return nil
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (h unlessStopped) WithAttrs(a []slog.Attr) slog.Handler {
	return unlessStopped{h.Handler.WithAttrs(a)}
}

// WithGroup implements slog.Handler.
func (h unlessStopped) WithGroup(name string) slog.Handler {
	return unlessStopped{h.Handler.WithGroup(name)}
}
