package locale_test

// composedKeys are the beginnings of keys that are put together at run time; all other keys must stand in a source as
// they are.
var composedKeys = []string{
	"certificate.body_", "certificate.event_phrase_", "certificate.heading_", "certificate.intro.", "certificate.sentence_",
	"certificate.signature_", "certificate.status.", "certificate.watermark_",
	"role.", "account.method.", "api.title_", "city.", "country.", "factor.change.", "event.type.", "format.", "gender.", "institution.", "language.", "registration.status.", "visibility.",
	"public.phase.", "public.format.", "public.leader.", "public.leads.", "public.join_later.", "public.kind.", "public.part.", "public.decides.", "public.next.", "public.by_", "public.consent_", "public.quiet", "my.is.", "my.then.",
	"desk.network_n.", "member.may.", "member.place.", "member.places.", "desk.conflict.", "desk.decided.", "desk.report_for.", "desk.format_hint.", "desk.kind.", "desk.life.", "desk.missing.", "desk.part.", "desk.phase.", "desk.source.", "person.reason.", "copy.what.", "translate.column.", "translate.field.", "translate.of.", "translate.part.",
	"material.for.", "material.hint.", "file.disguised_", "checkin.part.", "verify.is.", "verify.then.", "verify.check_",
	"audit.did.", "audit.field.", "audit.value.", "audit.thing.", "audit.kind.", "audit.who.", "audit.fault.",
	"donor.kind_", "nomination.standing.", "report.column.", "report.figure.", "report.meta.", "report.rule.", "report.section.",
}
