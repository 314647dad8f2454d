# A static binary in an empty image, run by nobody, on a read-only root: all that changes lies in /data.
#   docker build -t attesta .
#   docker run --read-only --tmpfs /tmp -v attesta:/data -p 8080:8080 -e ATTESTA_BASE_URL=https://events.example.org attesta
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w" -o /attesta ./cmd/attesta && mkdir /data

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /attesta /attesta
COPY --from=build --chown=65532:65532 /data /data
USER 65532:65532
WORKDIR /data
VOLUME /data
ENV ATTESTA_ADDR=:8080 ATTESTA_DATABASE=sqlite:/data/attesta.db ATTESTA_SECRET_FILE=/data/attesta.secret ATTESTA_FILES=file:/data/files SQLITE_TMPDIR=/data
EXPOSE 8080
ENTRYPOINT ["/attesta"]
CMD ["serve"]
