// The guest that the words of a command line name: `--open HOST/GUEST[/TAB]`, or a link that the system hands over.
import { type DeepLink, linkScheme, parseDeepLink, parseTarget } from '../../app/domain/deep-link.ts';

/** What stands after `--open`; null = nothing does. */
const opened = (words: readonly string[]): string | null => {
  const at = words.findIndex((word) => word === '--open' || word.startsWith('--open='));
  const word = words[at];
  if (word === undefined) return null;
  return word === '--open' ? (words[at + 1] ?? '') : word.slice('--open='.length);
};

/**
 * The guest to show first; null = none was named. Words come from anywhere a link can be put, so that nothing is done with them but to look it up.
 * @param complain told what cannot be understood.
 */
export const linkIn = (words: readonly string[], complain: (fault: string) => void): DeepLink | null => {
  const named = opened(words) ?? words.find((word) => word.toLowerCase().startsWith(`${linkScheme}:`)) ?? null;
  if (named === null) return null;
  const to = parseDeepLink(named) ?? (named.includes('://') ? null : parseTarget(named));
  if (to === null) complain(`${JSON.stringify(named.slice(0, 200))} names no guest; write HOST/GUEST or ${linkScheme}://HOST/GUEST.`);
  return to;
};
