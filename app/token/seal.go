package token

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
)

var errSeal = errors.New("what was sealed can't be opened: another secret, another purpose, or changed")

// Seal encrypts plain for one purpose with AES-256-GCM under a key of the secret's own for it, so that whoever reads the
// database learns nothing but its length. The result is base64 without padding.
func (s Secret) Seal(purpose string, plain []byte) (string, error) {
	gcm, err := s.gcm(purpose)
	if err != nil {
		return "", err
	}
	return base64.RawStdEncoding.EncodeToString(gcm.Seal(nil, nil, plain, nil)), nil
}

// Open decrypts what Seal returned for the same purpose. What another secret sealed, what was sealed for something else
// and what was changed is an error.
func (s Secret) Open(purpose, sealed string) ([]byte, error) {
	gcm, err := s.gcm(purpose)
	if err != nil {
		return nil, err
	}
	b, err := base64.RawStdEncoding.DecodeString(sealed)
	if err != nil {
		return nil, errSeal
	}
	plain, err := gcm.Open(nil, nil, b, nil)
	if err != nil {
		return nil, errSeal
	}
	return plain, nil
}

func (s Secret) gcm(purpose string) (cipher.AEAD, error) {
	m := hmac.New(sha256.New, s)
	m.Write([]byte("attesta seal\x00" + purpose))
	block, err := aes.NewCipher(m.Sum(nil))
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	gcm, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return gcm, nil
}
