package config

import "strings"

// Bucket is what the usual variables of S3 say, AWS_ACCESS_KEY_ID and so on, for the bucket of ATTESTA_FILES.
type Bucket struct {
	KeyID   string
	Secret  Password
	Session Password
	Region  string
}

func bucket(environ []string) Bucket {
	v := map[string]string{}
	for _, line := range environ {
		if name, value, ok := strings.Cut(line, "="); ok && strings.HasPrefix(name, "AWS_") {
			v[name] = strings.TrimSpace(value)
		}
	}
	b := Bucket{KeyID: v["AWS_ACCESS_KEY_ID"], Secret: Password(v["AWS_SECRET_ACCESS_KEY"]), Session: Password(v["AWS_SESSION_TOKEN"]), Region: v["AWS_REGION"]}
	if b.Region == "" {
		b.Region = v["AWS_DEFAULT_REGION"]
	}
	return b
}
