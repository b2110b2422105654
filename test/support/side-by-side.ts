/** Runs the rows of a table at the same time, so that a table that waits much takes as long as its longest row. */

const SHOWN = 8;

/** At most `width` at once. Fails once, after all have run, with the names of the rows that failed and why. */
export async function sideBySide<Row>(
  rows: readonly Row[],
  nameOf: (row: Row) => string,
  run: (row: Row) => Promise<void>,
  width = 24,
): Promise<void> {
  const failures: string[] = [];
  const left = rows.values();
  const worker = async (): Promise<void> => {
    for (const row of left) {
      try {
        await run(row);
      } catch (error) {
        failures.push(`${nameOf(row)}:\n${(error as Error).message.slice(0, 800)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(width, rows.length) }, worker));
  if (failures.length === 0) return;
  throw new Error(`${failures.length} of ${rows.length} rows failed\n\n${failures.slice(0, SHOWN).join('\n\n')}`);
}
