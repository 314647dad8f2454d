package file

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/url"
	"strings"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// Bucket keeps files in a bucket that speaks S3.
type Bucket struct {
	core minio.Core
	name string
}

// tries is how often the bucket is asked before it counts as dead.
const tries = 3

func newBucket(u *url.URL, keys Keys) (*Bucket, error) {
	endpoint, region := u.Query().Get("endpoint"), u.Query().Get("region")
	if region == "" {
		region = keys.Region
	}
	if endpoint == "" {
		endpoint = "https://s3.amazonaws.com"
	}
	secure, host := true, endpoint
	if scheme, rest, ok := strings.Cut(endpoint, "://"); ok {
		secure, host = scheme != "http", strings.TrimRight(rest, "/")
	}
	if u.User != nil {
		secret, _ := u.User.Password()
		keys = Keys{ID: u.User.Username(), Secret: secret}
	}
	client, err := minio.New(host, &minio.Options{
		Creds: credentials.NewStaticV4(keys.ID, keys.Secret, keys.Session), Secure: secure, Region: region, MaxRetries: tries,
	})
	if err != nil {
		return nil, fmt.Errorf("ATTESTA_FILES: the bucket's address can't be used: %w", err)
	}
	return &Bucket{core: minio.Core{Client: client}, name: u.Host}, nil
}

// Put implements Store. It is one request, so that nothing is left of one that was cut off.
func (b *Bucket) Put(ctx context.Context, key string, r io.Reader, size int64) error {
	if err := checkKey(key); err != nil {
		return err
	}
	e := &exactly{ctx, r, size}
	_, err := b.core.Client.PutObject(ctx, b.name, key, struct{ io.Reader }{e}, size, minio.PutObjectOptions{
		DisableMultipart: true, ContentType: "application/octet-stream",
	})
	if err == nil {
		err = b.whole(ctx, key, e)
	}
	return because(ErrNotKept, "keep", key, err)
}

// whole takes an object away again of which there was more to read than was said.
func (b *Bucket) whole(ctx context.Context, key string, e *exactly) error {
	n, err := e.Read(make([]byte, 1))
	if n == 0 && (err == nil || errors.Is(err, io.EOF)) && e.left == 0 {
		return nil
	}
	return errors.Join(errLength, b.Delete(ctx, key))
}

// Open implements Store.
func (b *Bucket) Open(ctx context.Context, key string, from int64) (io.ReadCloser, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	var options minio.GetObjectOptions
	if from > 0 {
		if err := options.SetRange(from, 0); err != nil {
			return nil, err
		}
	}
	r, _, _, err := b.core.GetObject(ctx, b.name, key, options)
	return r, missing("read", key, err)
}

// Size implements Store.
func (b *Bucket) Size(ctx context.Context, key string) (int64, error) {
	if err := checkKey(key); err != nil {
		return 0, err
	}
	about, err := b.core.StatObject(ctx, b.name, key, minio.StatObjectOptions{})
	return about.Size, missing("look at", key, err)
}

// missing tells an object that there isn't from a bucket that there isn't.
func missing(what, key string, err error) error {
	var told minio.ErrorResponse
	if errors.As(err, &told) && told.StatusCode == http.StatusNotFound && told.Code != minio.NoSuchBucket {
		return fmt.Errorf("%w: %w", ErrNotFound, err)
	}
	return because(ErrNotRead, what, key, err)
}

// Delete implements Store.
func (b *Bucket) Delete(ctx context.Context, key string) error {
	if err := checkKey(key); err != nil {
		return err
	}
	return because(ErrNotKept, "remove", key, b.core.RemoveObject(ctx, b.name, key, minio.RemoveObjectOptions{}))
}

// List implements Store.
func (b *Bucket) List(ctx context.Context, prefix string) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		for o := range b.core.ListObjectsIter(ctx, b.name, minio.ListObjectsOptions{Prefix: prefix, Recursive: true}) {
			if o.Err != nil {
				yield("", because(ErrNotRead, "list", prefix, o.Err))
				return
			}
			if checkKey(o.Key) == nil && !yield(o.Key, nil) {
				return
			}
		}
	}
}

// Tidy implements Store: a request that is cut off leaves nothing in a bucket.
func (b *Bucket) Tidy(context.Context) error { return nil }

// Check implements Store.
func (b *Bucket) Check(ctx context.Context) error { return probe(ctx, b) }
