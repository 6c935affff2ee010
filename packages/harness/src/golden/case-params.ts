import { parse, type CaseRow } from '@touchstone/contract';
import { findMethod } from '@touchstone/methods';

/** The parameters of a case, the method's defaults included; a bad one is an error `bad-params`. */
export function allParams(row: CaseRow): Record<string, unknown> {
  return parse(findMethod(row.method).params, row.params, `the parameters of ${row.id}`, 'bad-params') as Record<
    string,
    unknown
  >;
}
