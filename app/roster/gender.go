package roster

// genderIn returns what a word means in one language, with its accents or without; "" if nothing.
func (v *Vocabulary) genderIn(lang, s string) string {
	if g := v.genders[lang][genderKey(s)]; g != "" {
		return g
	}
	return v.genders[lang]["~"+folded(s)]
}

// anyGender tells whether a text is a word for a gender in any language.
func (v *Vocabulary) anyGender(s string) bool {
	for _, lang := range v.languages {
		if v.genderIn(lang, s) != "" {
			return true
		}
	}
	return false
}

// genderReader returns the reading of one column. Z is a woman beside M, written without its caron, and a man
// (zotëri) beside Znj: the language that tells two genders apart in the column decides, else the one that knows most of
// it; two that disagree give none.
func (v *Vocabulary) genderReader(values []string) func(string) string {
	count := map[string]int{}
	for _, s := range values {
		count[s]++
	}
	score := map[string]int{}
	for _, lang := range v.languages {
		kinds := map[string]bool{}
		for s, n := range count {
			if g := v.genderIn(lang, s); g != "" {
				score[lang] += n
				kinds[g] = true
			}
		}
		if kinds["female"] && kinds["male"] {
			score[lang] += 1 << 20
		}
	}
	cache := map[string]string{}
	return func(s string) string {
		g, ok := cache[s]
		if !ok {
			g = v.genderBy(s, score)
			cache[s] = g
		}
		return g
	}
}

func (v *Vocabulary) genderBy(s string, score map[string]int) string {
	best, found := -1, ""
	for _, lang := range v.languages {
		g := v.genderIn(lang, s)
		switch n := score[lang]; {
		case g == "":
		case n > best:
			best, found = n, g
		case n == best && g != found:
			found = ""
		}
	}
	return found
}
