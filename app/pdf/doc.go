// Package pdf draws pages: text in the house faces, lines and paths, tables, QR codes, and the emblem of the European
// Union. It is the only importer of gofpdf.
//
// A Canvas is one page as a list of marks, in millimetres from the top left corner of the paper. A Stock is what many
// pages share: the faces cut to a set of letters, the logos, and what stands on every page; gofpdf makes it, once. A
// document is a Stock with the marks of its pages appended as plain PDF objects, which is why a thousand of them cost
// little more than their text. The same canvases, options and letters always give the same bytes.
//
// A Flow fills canvases from top to bottom, with paragraphs and tables that break over pages.
//
// Text is normalised to NFC. What no face has a glyph for is never dropped in silence: Fonts.Missing tells it
// beforehand, and a document with such a letter is an error.
package pdf
