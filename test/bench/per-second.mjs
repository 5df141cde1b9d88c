/**
 * Does something so often, several at once.
 * @param {() => unknown} work
 * @returns how often per second
 */
export async function countPerSecond(work, { total, concurrency }) {
  let left = total;
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      while (left-- > 0) await work();
    }),
  );
  return (total * 1000) / (performance.now() - startedAt);
}
