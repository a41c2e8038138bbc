// Files for people: one that is given out as a download, and one that is taken in as base64.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import { type ChangeEvent, type ReactNode, useEffect, useMemo, useRef, useState } from 'react';
import { mostFileBytes } from '../../../app/contract/certificates.ts';
import { monospace } from '../../ui/theme.ts';

/** @param content text, or bytes. */
export const Download = ({ name, content, note, main = false }: { readonly name: string; readonly content: string | Uint8Array<ArrayBuffer>; readonly note?: string; readonly main?: boolean }): ReactNode => {
  const address = useMemo(() => URL.createObjectURL(new Blob([content])), [content]);
  useEffect(() => () => URL.revokeObjectURL(address), [address]);
  return (
    <Box sx={{ display: 'flex', gap: '10px', alignItems: 'center' }}>
      <Button component="a" href={address} download={name} {...(main && { variant: 'contained' as const, color: 'primary' as const })}>Download {name}</Button>
      {note !== undefined && <Box component="span" sx={{ color: 'text.secondary', fontSize: 12 }}>{note}</Box>}
    </Box>
  );
};

/** The bytes of base64. */
export const bytesOf = (base64: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(base64), (letter) => letter.codePointAt(0) ?? 0);

/** A file that was chosen; its bytes are held until it is sent. */
export interface ChosenFile {
  readonly name: string;
  readonly base64: string;
}

const base64Of = (bytes: Uint8Array): string => {
  let text = '';
  // In pieces: a call takes so many arguments only.
  for (let from = 0; from < bytes.length; from += 32_768) text += String.fromCharCode(...bytes.subarray(from, from + 32_768));
  return btoa(text);
};

export const FilePicker = ({ files, many = true, accept, disabled, problem, onFiles }: {
  readonly files: readonly ChosenFile[];
  readonly many?: boolean;
  readonly accept: string;
  readonly disabled: boolean;
  readonly problem: string | null;
  readonly onFiles: (files: readonly ChosenFile[]) => void;
}): ReactNode => {
  const picker = useRef<HTMLInputElement>(null);
  const [unread, setUnread] = useState<string | null>(null);
  const read = async (chosen: readonly File[]): Promise<void> => {
    setUnread(null);
    // Main would refuse it as well; nothing that large is read for that.
    const large = chosen.find(({ size }) => size > mostFileBytes);
    if (large !== undefined) return setUnread(`${large.name} has more than 1 MiB, which no certificate has.`);
    try {
      onFiles(await Promise.all(chosen.map(async (file) => ({ name: file.name, base64: base64Of(new Uint8Array(await file.arrayBuffer())) }))));
    } catch (error) {
      setUnread(`It cannot be read: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
  const told = unread ?? problem;
  return (
    <Box>
      <Box sx={{ display: 'flex', gap: '10px', alignItems: 'center', flexWrap: 'wrap' }}>
        <Button disabled={disabled} onClick={() => picker.current?.click()}>Choose {many ? 'files' : 'file'}…</Button>
        <Box component="span" sx={{ fontFamily: monospace, fontSize: 12 }}>{files.map(({ name }) => name).join(', ')}</Box>
      </Box>
      <input ref={picker} hidden type="file" multiple={many} accept={accept} aria-label={many ? 'Files' : 'File'} onChange={({ target }: ChangeEvent<HTMLInputElement>) => {
        void read([...(target.files ?? [])]);
      }} />
      {told !== null && <Box role="alert" sx={{ color: 'error.main', fontSize: 12, mt: '4px' }}>{told}</Box>}
    </Box>
  );
};
