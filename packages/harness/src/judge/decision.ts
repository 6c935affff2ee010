import type { Failed, Outcome, Passed } from '@touchstone/contract';

type Subject = 'kind' | 'case' | 'method' | 'network' | 'backend';
type WithoutSubject<T> = T extends unknown ? Omit<T, Subject> : never;

/** An outcome without its subject: what is decided over a case. */
export type Decision = WithoutSubject<Outcome>;

/** What the comparison with the golden finds. */
export type ComparisonResult = WithoutSubject<Passed> | WithoutSubject<Failed>;
