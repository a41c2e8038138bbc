// Adding a public key to a user's authorized_keys on a host: the script that does it there.

/** Where the key goes, in the home folder of the user who logs in. */
export const authorizedKeysFile = '~/.ssh/authorized_keys';

/**
 * Reads the key's line from its input and says `added`, or `present` where the key is in the file already. The file is replaced in one
 * step, keeps its mode and what is in it, and is followed where it is a symbolic link; what is missing is made for the user alone.
 * Each line is a command of its own, without single quotes or !, so that every login shell passes them on unharmed.
 */
const steps = [
  'umask 077',
  'cd || exit 1',
  'IFS= read -r line || exit 1',
  'test -d .ssh || mkdir .ssh || exit 1',
  'file=.ssh/authorized_keys',
  'if test -h "$file"; then file=$(readlink -f "$file") || exit 1; fi',
  'if test -d "$file"; then echo "$file is a folder" >&2; exit 1; fi',
  'set -f',
  'set -- $line',
  'if test -f "$file" && grep -v "^[[:space:]]*#" "$file" | grep -qF -e "$1 $2"; then echo present; exit 0; fi',
  'new="$file.new.$$"',
  'if test -f "$file"; then cp -p "$file" "$new" || exit 1; else : > "$new" || exit 1; fi',
  '{ test -z "$(tail -c 1 "$new")" || echo >> "$new"; } && printf "%s\\n" "$line" >> "$new" && mv -f "$new" "$file" || { rm -f "$new"; exit 1; }',
  'if command -v restorecon >/dev/null 2>&1; then restorecon -F .ssh "$file" >&2; fi',
  'echo added',
] as const;

/** For a person to read. */
export const installScript = steps.join('\n');
/** For a shell: one line, as some login shells want it. */
export const installCommand = steps.join('; ');
