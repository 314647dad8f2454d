package audit

import (
	"context"
)

type requestKey struct{}

// WithRequestID returns ctx with the id under which a request is logged and its deeds are recorded.
func WithRequestID(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, requestKey{}, id)
}

// RequestID returns the id of the request that ctx belongs to, "" outside requests.
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestKey{}).(string)
	return id
}
