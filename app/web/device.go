package web

import "strings"

// device names a browser and its system from its User-Agent, in words that are the same in every language: enough to
// tell one's own phone from one's own office. What it doesn't know is "".
func device(agent string) string {
	names := []string{first(agent, browsers), first(agent, systems)}
	return strings.Trim(strings.Join(names, ", "), ", ")
}

// browsers and systems are pairs of what stands in a User-Agent and the name; the first that is found counts, since
// almost every browser claims to be several others.
var browsers = [][2]string{
	{"Edg", "Edge"}, {"OPR/", "Opera"}, {"SamsungBrowser", "Samsung Internet"}, {"Firefox/", "Firefox"}, {"FxiOS", "Firefox"},
	{"CriOS", "Chrome"}, {"Chrome/", "Chrome"}, {"Chromium", "Chromium"}, {"Safari/", "Safari"}, {"curl/", "curl"},
}

var systems = [][2]string{
	{"Windows", "Windows"}, {"Android", "Android"}, {"iPhone", "iPhone"}, {"iPad", "iPad"}, {"Mac OS X", "macOS"}, {"CrOS", "ChromeOS"}, {"Linux", "Linux"},
}

func first(agent string, among [][2]string) string {
	for _, pair := range among {
		if strings.Contains(agent, pair[0]) {
			return pair[1]
		}
	}
	return ""
}
