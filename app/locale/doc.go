// Package locale speaks the reader's language: catalogues of messages with plurals, dates, numbers, lists, names of
// countries and cities in the case a sentence needs, sorting, and the two scripts of the region.
//
// A Catalogue is loaded once from the locales folder; its Printers are made at that moment, never change, and may be
// used by any number of goroutines. Every locale stands alone: a message it lacks is said in English and reported,
// never in a neighbouring language, because Montenegrin readers must not be answered in ekavian Serbian.
//
// What differs from language to language is data in the catalogues (format.toml holds months, weekdays and the
// patterns of dates, numbers and lists), so a new language is a new folder.
package locale
