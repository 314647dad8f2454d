package token

import (
	"crypto/sha256"
	"encoding/hex"
	"hash/crc32"
	"math/big"
	"strings"
)

// A bearer token is bearerPrefix, 256 random bits and a check sum, the latter two in base 62: 53 characters, by whose
// beginning and check sum those who search published files for secrets know it.
const (
	bearerPrefix = "att_"
	bearerBody   = 43
	bearerCheck  = 6
)

// Bearer returns a new token for a program to show in its requests.
func Bearer() string {
	body := base62(random(32), bearerBody)
	return bearerPrefix + body + bearerSum(body)
}

// IsBearer reports whether s can be a bearer token: its check sum is right. It says nothing about who holds it.
func IsBearer(s string) bool {
	rest, ok := strings.CutPrefix(s, bearerPrefix)
	if !ok || len(rest) != bearerBody+bearerCheck {
		return false
	}
	return bearerSum(rest[:bearerBody]) == rest[bearerBody:]
}

// BearerHash returns what is kept of a bearer token. Unlike Hash it doesn't fold letters: programs make no slips.
func BearerHash(s string) string {
	h := sha256.Sum256([]byte("attesta bearer\x00" + s))
	return hex.EncodeToString(h[:])
}

func bearerSum(body string) string {
	n := crc32.ChecksumIEEE([]byte(body))
	return base62([]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}, bearerCheck)
}

// base62 writes b as a number of n digits 0-9, A-Z, a-z.
func base62(b []byte, n int) string {
	const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	out := make([]byte, n)
	rest, base, digit := new(big.Int).SetBytes(b), big.NewInt(62), new(big.Int)
	for i := n - 1; i >= 0; i-- {
		rest.DivMod(rest, base, digit)
		out[i] = digits[digit.Int64()]
	}
	return string(out)
}
