// tls_allowed_dn_list of libvirt's daemons: which names its patterns let in.

/**
 * Whether a pattern fits a name as a whole: `*` stands for any characters, `?` for one, all else for itself. So libvirt compares since 6.0, by
 * GLib's g_pattern_match_simple; before, by fnmatch, to which brackets and backslashes meant more.
 */
export function isLetIn(pattern: string, name: string): boolean {
  const characters = Array.from(name);
  // Places of the name that the pattern read so far may have come to.
  let places = new Set([0]);
  for (const sign of pattern) {
    if (sign === '*') {
      // From the earliest of the places all later ones can be come to.
      for (let at = Math.min(...places); at <= characters.length; at++) places.add(at);
      continue;
    }
    places = new Set([...places].filter((place) => place < characters.length && (sign === '?' || sign === characters[place])).map((place) => place + 1));
  }
  return places.has(characters.length);
}

/** The first pattern of a list that lets a name in; null where none does, as in a list that is empty. */
export const lettingIn = (patterns: readonly string[], name: string): string | null => patterns.find((pattern) => isLetIn(pattern, name)) ?? null;
