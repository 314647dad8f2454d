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
