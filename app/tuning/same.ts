// Whether two JSON values are the same, whatever the order of their keys.

export function same(one: unknown, other: unknown): boolean {
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null) return one === other;
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const mine = new Map(Object.entries(one));
  const theirs = new Map(Object.entries(other));
  return mine.size === theirs.size && [...mine].every(([key, value]) => theirs.has(key) && same(value, theirs.get(key)));
}
