package locale

// Says reports whether the printer's own language, or English, has a message without placeholders under key.
func (p *Printer) Says(key string) bool {
	if _, ok := p.plain[key]; ok {
		return true
	}
	return p.english != nil && p.english != p && p.english.Says(key)
}
