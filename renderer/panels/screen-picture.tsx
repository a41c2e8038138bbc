// What a running guest shows, as a small picture that libvirt takes when it is asked: no display and no password is needed for it.
import Box from '@mui/material/Box';
import Button from '@mui/material/Button';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { Refusal } from '../../app/contract/refusal.ts';
import { refusalOf, useApi } from '../api/api.tsx';
import { drawScreen } from './screen-pixels.ts';

export const ScreenPicture = ({ guest: { host, uuid, name }, href }: {
  readonly guest: { readonly host: string; readonly uuid: string; readonly name: string };
  /** Where a click on it leads; left out, nowhere. */
  readonly href?: string;
}): ReactNode => {
  const { client } = useApi();
  const canvas = useRef<HTMLCanvasElement>(null);
  const [taken, setTaken] = useState<'taking' | 'shown' | Refusal>('taking');
  /** Each number is one picture. */
  const [wish, setWish] = useState(1);
  useEffect(() => {
    let wanted = true;
    const take = async (): Promise<void> => {
      const picture = await client.ask('consoles', 'screenshot', { host, uuid, screen: 0 });
      if (canvas.current !== null && wanted) await drawScreen(canvas.current, picture);
    };
    take().then(() => wanted && setTaken('shown'), (error: unknown) => wanted && setTaken(refusalOf(error)));
    return () => void (wanted = false);
  }, [client, host, uuid, wish]);
  const picture = <canvas ref={canvas} role="img" aria-label={`Screen of ${name}`} hidden={taken !== 'shown'} style={{ width: '100%', height: '100%', objectFit: 'contain', display: taken === 'shown' ? 'block' : 'none' }} />;
  return (
    <Box sx={{ display: 'grid', gap: '4px', minWidth: 0 }}>
      <Box sx={{ aspectRatio: '16 / 10', bgcolor: '#000', color: '#c9d1dc', borderRadius: '6px', overflow: 'hidden', display: 'grid', placeItems: 'center', fontSize: 12, textAlign: 'center' }}>
        {href === undefined ? picture : <a href={href} aria-label={`Console of ${name}`} style={{ width: '100%', height: '100%', display: taken === 'shown' ? 'block' : 'none' }}>{picture}</a>}
        {taken !== 'shown' && <Box role="status" sx={{ p: 1 }}>{taken === 'taking' ? 'Taking the picture' : taken.message}</Box>}
      </Box>
      <Box sx={{ display: 'flex', alignItems: 'center', gap: 1 }}>
        <Box component="span" sx={{ mr: 'auto', overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }}>{name}</Box>
        <Button size="small" variant="text" aria-label={`Take the picture of ${name} again`} onClick={() => {
          setTaken('taking');
          setWish((before) => before + 1);
        }}>Again</Button>
      </Box>
    </Box>
  );
};
