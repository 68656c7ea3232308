/* card_word.h - is a word that a card looks for in what was typed?
 *
 * A card of an exercise may say which words its answer has to hold
 * (`expect`).  "group|groups" are two spellings of one word.  A number stands
 * alone (7 is not in 70) and is equal however it is grouped (10 000, 10,000);
 * a word may go on ("partition" is in "partitions").  Case aside.
 */
#ifndef LAB_COURSE_CARD_WORD_H
#define LAB_COURSE_CARD_WORD_H

#include <stdbool.h>

bool card_has_word(const char *typed, const char *wanted);

#endif
