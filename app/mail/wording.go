package mail

// wording are the keys of what a kind of mail says, in the order in which it says it.
type wording struct {
	subject string
	before  []string // paragraphs before the facts
	online  []string // in their place, where the event is online only
	status  string   // of a registration
	number  string   // label of the number, where there is one
	who     string   // label of the institution, where there is one
	until   string   // label of when the link ends
	button  string
	plain   bool     // the link needs no token
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
		subject: "mail.approved_subject", before: []string{"mail.approved_lead", "mail.approved_next"}, online: []string{"mail.approved_lead", "mail.approved_next_online"}, status: "registration.status.approved",
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
	AccountFactorChanged: {
		subject: "mail.factor_changed_subject", before: []string{"mail.factor_changed_lead"},
		button: "mail.sign_in", plain: true, after: []string{"mail.factor_changed_other"}, why: "mail.why_account",
	},
	AccountInvited: {
		subject: "mail.invited_subject", before: []string{"mail.invited_lead"},
		button: "mail.sign_in", after: []string{"mail.invited_next"}, why: "mail.why_account",
	},
	AccountGranted: {
		subject: "mail.granted_subject", before: []string{"mail.granted_lead"},
		button: "mail.sign_in", plain: true, after: []string{"mail.granted_next"}, why: "mail.why_account",
	},
	NominationOffered: {
		subject: "nomination.mail_offered_subject", before: []string{"nomination.mail_offered_lead", "nomination.mail_offered_next"},
		who: "common.institution", until: "nomination.mail_until",
		button: "nomination.mail_offered_button", after: []string{"nomination.mail_offered_private"}, why: "nomination.mail_offered_why",
	},
	NominationInvited: {
		subject: "nomination.mail_invited_subject", before: []string{"nomination.mail_invited_lead", "nomination.mail_invited_next"},
		who: "nomination.nominated_by", until: "nomination.mail_answer_until",
		button: "nomination.mail_invited_button", after: []string{"nomination.mail_invited_decline", "nomination.mail_invited_private"}, why: "nomination.mail_invited_why",
	},
	NominationReminder: {
		subject: "nomination.mail_reminder_subject", before: []string{"nomination.mail_reminder_lead", "nomination.mail_invited_next"},
		who: "nomination.nominated_by", until: "nomination.mail_answer_until",
		button: "nomination.mail_invited_button", after: []string{"nomination.mail_invited_decline", "nomination.mail_invited_private"}, why: "nomination.mail_invited_why",
	},
	EventMoved: {
		subject: "mail.moved_subject", before: []string{"mail.moved_lead", "mail.moved_next"},
		button: "mail.open_my_page", after: []string{"mail.private_link"}, why: "mail.why_application",
	},
	EventMovedNominee: {
		subject: "mail.moved_subject", before: []string{"mail.moved_lead", "mail.moved_next_nominee"}, who: "nomination.nominated_by", until: "nomination.mail_answer_until",
		button: "nomination.mail_invited_button", after: []string{"nomination.mail_invited_decline", "nomination.mail_invited_private"}, why: "nomination.mail_invited_why",
	},
	EventMovedOffer: {
		subject: "mail.moved_subject", before: []string{"mail.moved_lead", "mail.moved_next_offer"}, who: "common.institution", until: "nomination.mail_until",
		button: "nomination.mail_offered_button", after: []string{"nomination.mail_offered_private"}, why: "nomination.mail_offered_why",
	},
	EventCancelled: {
		subject: "mail.event_cancelled_subject", before: []string{"mail.event_cancelled_lead", "mail.event_cancelled_next"},
		button: "mail.open_my_page", after: []string{"mail.private_link"}, why: "mail.why_application",
	},
	EventCancelledNominee: {
		subject: "mail.event_cancelled_subject", before: []string{"mail.event_cancelled_lead", "mail.event_cancelled_next_nominee"}, who: "nomination.nominated_by",
		why: "nomination.mail_invited_why",
	},
	EventCancelledOffer: {
		subject: "mail.event_cancelled_subject", before: []string{"mail.event_cancelled_lead", "mail.event_cancelled_next_offer"}, who: "common.institution",
		why: "nomination.mail_offered_why",
	},
	AccountPasswordChanged: {
		subject: "mail.password_changed_subject", before: []string{"mail.password_changed_lead", "mail.password_changed_other"}, why: "mail.why_account",
	},
	AccountEmailConfirm: {
		subject: "mail.email_confirm_subject", before: []string{"mail.email_confirm_lead"},
		button: "mail.email_confirm", after: []string{"mail.email_confirm_other"}, why: "mail.why_new_address",
	},
	AccountEmailChanged: {
		subject: "mail.email_changed_subject", before: []string{"mail.email_changed_lead", "mail.password_changed_other"}, why: "mail.why_account",
	},
}
