// How many badges fit beside each other; the rest is summed up as "+2".
import { tagWidth } from '../../ui/tag.tsx';

/** How many of the badges, from the first on, fit into `room` CSS pixels together with the mark that counts the rest. */
export const fitting = (badges: readonly string[], room: number, gap: number): number => {
  const widthOf = (shown: number): number => {
    const tags = [...badges.slice(0, shown), ...(shown < badges.length ? [`+${badges.length - shown}`] : [])];
    return tags.reduce((sum, text) => sum + tagWidth(text) + gap, -gap);
  };
  let shown = badges.length;
  while (shown > 0 && widthOf(shown) > room) shown -= 1;
  return shown;
};
