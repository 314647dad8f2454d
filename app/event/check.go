package event

// Check returns nil, or the Invalid fault with what is wrong beside which input that Create and Update would return.
func (f Facts) Check() error {
	f.complete()
	return f.check()
}
