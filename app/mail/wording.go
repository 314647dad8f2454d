package mail

// wording are the keys of what a kind of mail says, in the order in which it says it.
type wording struct {
	subject string
	before  []string // paragraphs before the facts
	status  string   // of a registration
	number  string   // label of the number, where there is one
	button  string
	after   []string // paragraphs below the link
	why     string   // why this mail came, at the foot
}

var wordings = map[Kind]wording{
	RegistrationSubmitted: {
		subject: "mail.submitted_subject", before: []string{"mail.submitted_lead", "mail.submitted_next"}, status: "registration.status.submitted",
		button: "mail.open_my_page", after: []string{"mail.private_link"}, why: "mail.why_application",
	},
	RegistrationWaitlisted: {
		subject: "mail.waitlisted_subject", before: []string{"mail.waitlisted_lead", "mail.waitlisted_next"}, status: "registration.status.waitlisted",
		button: "mail.open_my_page", after: []string{"mail.private_link"}, why: "mail.why_application",
	},
	RegistrationApproved: {
		subject: "mail.approved_subject", before: []string{"mail.approved_lead", "mail.approved_next"}, status: "registration.status.approved",
		button: "mail.open_my_page", after: []string{"mail.private_link"}, why: "mail.why_application",
	},
	RegistrationRejected: {
		subject: "mail.rejected_subject", before: []string{"mail.rejected_lead", "mail.rejected_next"}, status: "registration.status.rejected",
		button: "mail.open_my_page", after: []string{"mail.private_link"}, why: "mail.why_application",
	},
	RegistrationCancelled: {
		subject: "mail.cancelled_subject", before: []string{"mail.cancelled_lead", "mail.cancelled_next"}, status: "registration.status.cancelled",
		button: "mail.open_my_page", after: []string{"mail.private_link"}, why: "mail.why_application",
	},
	CertificateIssued: {
		subject: "mail.certificate_subject", before: []string{"mail.certificate_lead", "mail.certificate_next"}, number: "mail.certificate_number",
		button: "mail.open_certificate", after: []string{"mail.private_link"}, why: "mail.why_application",
	},
	AccountSignIn: {
		subject: "mail.sign_in_subject", before: []string{"mail.sign_in_lead"},
		button: "mail.sign_in", after: []string{"mail.sign_in_other"}, why: "mail.why_account",
	},
	AccountInvited: {
		subject: "mail.invited_subject", before: []string{"mail.invited_lead"},
		button: "mail.sign_in", after: []string{"mail.invited_next"}, why: "mail.why_account",
	},
}
