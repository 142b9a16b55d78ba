/// Captions as a text tower reads them: words cut into pieces of a vocabulary, and sentences made
/// of class names where nobody wrote any.
///
/// Read {@link dev.isoflop.text.Tokenizer} first. {@link dev.isoflop.text.Words} says what a word
/// is, {@link dev.isoflop.text.Vocabulary} how the pieces are learned from captions, {@link
/// dev.isoflop.text.TokenizerFile} how they look as `tokenizer.json`.
///
/// Pure: knows neither pictures nor the native library.
@NullMarked
package dev.isoflop.text;

import org.jspecify.annotations.NullMarked;
