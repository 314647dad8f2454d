package account

// FillPlaces takes all places in which passwords are hashed until leave is called.
func FillPlaces(a *Accounts) (leave func()) {
	for range cap(a.places) {
		a.places <- struct{}{}
	}
	return func() {
		for range cap(a.places) {
			<-a.places
		}
	}
}
