/** The parameters of a query, read in one pass [REL-4]. */

/** By name, in their order; one without `=` has the value "". [SES-11] */
export function queryParameters(query: string | null): Map<string, readonly string[]> {
  const lists = new Map<string, string[]>();
  for (const [name, value] of new URLSearchParams(query ?? '')) {
    const list = lists.get(name);
    if (list === undefined) lists.set(name, [value]);
    else list.push(value);
  }
  for (const list of lists.values()) Object.freeze(list);
  return lists;
}
