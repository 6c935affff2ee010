import type { Failed, Outcome, Passed } from '@touchstone/contract';

type Subject = 'kind' | 'case' | 'method' | 'network' | 'backend';
type WithoutSubject<T> = T extends unknown ? Omit<T, Subject> : never;

/** An outcome without its subject: the decision about a case. */
export type Decision = WithoutSubject<Outcome>;

/** The result of the comparison with the golden. */
export type ComparisonResult = WithoutSubject<Passed> | WithoutSubject<Failed>;
