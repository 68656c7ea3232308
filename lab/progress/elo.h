/* elo.h - how hard is this for whom: ratings of learners and tasks
 *
 * Pelanek, "Applications of the Elo rating system in adaptive educational
 * systems" (Computers & Education, 2016): a learner of skill theta passes a
 * task of difficulty d with a probability that depends on theta - d; being
 * wrong about it moves theta, less the more is known already.
 *
 * With one learner a task's d does not move: it is the author's word.
 */
#ifndef LAB_PROGRESS_ELO_H
#define LAB_PROGRESS_ELO_H

#include <stdint.h>

/* The author's 1 to 10 as logits; below 1 means nobody said: 5.5. */
double elo_difficulty(double of_ten);

/* P of passing; `guess` is 1/k for k options, 0 for tasks. */
double elo_expect(double theta, double d, double guess);

/* How far one result moves a skill of which `n` results are known. */
double elo_step(int64_t n);

/* A pass in more than the expected time is worth less. */
double elo_discount(double minutes, double expected);

#endif
