// How a guest and a word are written in a shell command for virsh.

/** A word as a POSIX shell reads it back unchanged; plain words stay plain. */
export const shellWord = (word: string): string => (/^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`);

/** The guest's name as virsh's first argument; one that looks like an option is named as what it is. */
export const virshGuest = (name: string): string => (name.startsWith('-') ? `--domain=${shellWord(name)}` : shellWord(name));
