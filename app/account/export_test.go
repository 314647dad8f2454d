package account

import "attesta/app/job"

// QueueOf returns the queue of the jobs that accounts run.
func QueueOf(a *Accounts) *job.Queue { return a.queue }

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

// WatchHashes has seen told of every hash that a password is compared with.
func WatchHashes(a *Accounts, seen func(hash string)) {
	compare := a.compare
	a.compare = func(password, hash string) (bool, error) {
		seen(hash)
		return compare(password, hash)
	}
}
