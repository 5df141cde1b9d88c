/**
 * Work that one run does for all who asked before it began, as a disk's: who comes while one is under way shares the next.
 * @param work begun when the one before has ended, however that was
 */
export function createGroupSync(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  const begin = (): Promise<void> => {
    const begun = work().finally(() => {
      if (running === begun) running = undefined;
    });
    running = begun;
    return begun;
  };
  const beginAfter = async (before: Promise<void>): Promise<void> => {
    await before.catch(() => {});
    next = undefined;
    await begin();
  };
  return () => next ?? (running === undefined ? begin() : (next = beginAfter(running)));
}
