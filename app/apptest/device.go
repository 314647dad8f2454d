package apptest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"testing"

	"github.com/go-webauthn/webauthn/protocol/webauthncbor"
)

// Device is a phone, or a key, that holds one passkey, with the browser before it.
type Device struct {
	Origin   string // of the page that the browser shows
	Count    uint32 // how often the passkey was used
	Counts   bool   // whether it says so; those that are shared between devices always say 0
	Unlocked bool   // whether its owner was asked for a finger or a PIN
	ID       []byte

	key    *ecdsa.PrivateKey
	host   string
	handle string
}

// NewDevice returns an unlocked device that counts, before pages of an origin.
func NewDevice(t testing.TB, origin string) *Device {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	id := make([]byte, 16)
	_, _ = rand.Read(id)
	return &Device{Origin: origin, Counts: true, Unlocked: true, ID: id, key: key}
}

// Copy returns a second device with the same passkey.
func (d *Device) Copy() *Device {
	c := *d
	return &c
}

type creation struct {
	Challenge string `json:"challenge"`
	RP        struct {
		ID string `json:"id"`
	} `json:"rp"`
	User struct {
		ID string `json:"id"`
	} `json:"user"`
}

// Create answers the options of a registration as a browser's script does.
func (d *Device) Create(t testing.TB, options []byte) []byte {
	t.Helper()
	var o creation
	if err := json.Unmarshal(options, &o); err != nil {
		t.Fatalf("%v: %s", err, options)
	}
	d.host, d.handle = o.RP.ID, o.User.ID
	point, err := d.key.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	public, err := webauthncbor.Marshal(map[int]any{1: 2, 3: -7, -1: 1, -2: point[1:33], -3: point[33:]})
	if err != nil {
		t.Fatal(err)
	}
	about := d.about(0x40)
	about = append(about, make([]byte, 16)...)
	about = binary.BigEndian.AppendUint16(about, uint16(len(d.ID))) //nolint:gosec // 16
	about = append(append(about, d.ID...), public...)
	object, err := webauthncbor.Marshal(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": about})
	if err != nil {
		t.Fatal(err)
	}
	return d.answer(t, map[string]any{"clientDataJSON": d.seen(t, "webauthn.create", o.Challenge), "attestationObject": text(object), "transports": []string{"internal"}})
}

// Get answers the options of a sign-in as a browser's script does.
func (d *Device) Get(t testing.TB, options []byte) []byte {
	t.Helper()
	var o creation
	if err := json.Unmarshal(options, &o); err != nil {
		t.Fatalf("%v: %s", err, options)
	}
	if d.Counts {
		d.Count++
	}
	seen, about := d.seen(t, "webauthn.get", o.Challenge), d.about(0)
	raw, err := base64.RawURLEncoding.DecodeString(seen)
	if err != nil {
		t.Fatal(err)
	}
	inner := sha256.Sum256(raw)
	sum := sha256.Sum256(append(about[:len(about):len(about)], inner[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, d.key, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return d.answer(t, map[string]any{"clientDataJSON": seen, "authenticatorData": text(about), "signature": text(signature), "userHandle": d.handle})
}

// about is what the device itself signs: where, whether its owner was there, how often.
func (d *Device) about(flags byte) []byte {
	host := sha256.Sum256([]byte(d.host))
	flags |= 0x01
	if d.Unlocked {
		flags |= 0x04
	}
	return binary.BigEndian.AppendUint32(append(host[:], flags), d.Count)
}

func (d *Device) seen(t testing.TB, what, challenge string) string {
	t.Helper()
	b, err := json.Marshal(map[string]any{"type": what, "challenge": challenge, "origin": d.Origin, "crossOrigin": false})
	if err != nil {
		t.Fatal(err)
	}
	return text(b)
}

func (d *Device) answer(t testing.TB, response map[string]any) []byte {
	t.Helper()
	b, err := json.Marshal(map[string]any{"id": text(d.ID), "rawId": text(d.ID), "type": "public-key", "response": response, "clientExtensionResults": map[string]any{}})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func text(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }
