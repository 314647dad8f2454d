package registration

import (
	"attesta/app/event"
)

// Sequence numbers what a participant's calendar is told of a registration. It grows with each change of the event and
// with each change of the registration, so that who comes back after giving the place back is told anew.
func Sequence(e *event.Event, r *Registration) int { return e.Version + r.Version }
