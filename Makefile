.PHONY: test build lint format locales clean

# What ends up in the binary; static, without C.
export CGO_ENABLED = 0

# All tests. Installs and starts what they need: PostgreSQL, Chromium, poppler, qpdf, zbar.
test:
	.ci/install
	test -z "$$(gofmt -l app cmd locales migrations static templates | tee /dev/stderr)"
	go vet ./...
	.ci/with-postgres go test -timeout 15m ./...

build:
	go build -trimpath -ldflags "-s -w" -o bin/attesta ./cmd/attesta

lint:
	go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0 run ./...

format:
	gofmt -w app cmd locales migrations static templates

# Serbian in Latin script is generated from the Cyrillic.
locales:
	go generate ./locales

clean:
	rm -rf bin
