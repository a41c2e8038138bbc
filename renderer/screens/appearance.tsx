// Light, dark or as the system says: kept by main, so that it holds in every window.
import IconButton from '@mui/material/IconButton';
import Tooltip from '@mui/material/Tooltip';
import { useColorScheme } from '@mui/material/styles';
import { mdiBrightness6, mdiWeatherNight, mdiWhiteBalanceSunny } from '@mdi/js';
import { type ReactNode, useEffect } from 'react';
import type { Preferences } from '../../app/contract/program.ts';
import { useAsk, useTell } from '../api/api.tsx';
import { Icon } from '../ui/icon.tsx';

type Appearance = NonNullable<Preferences['appearance']>;

export const appearances: Readonly<Record<Appearance, { readonly label: string; readonly icon: string; readonly next: Appearance }>> = {
  system: { label: 'as the system', icon: mdiBrightness6, next: 'light' },
  light: { label: 'light', icon: mdiWhiteBalanceSunny, next: 'dark' },
  dark: { label: 'dark', icon: mdiWeatherNight, next: 'system' },
};

/** The appearance chosen and how to choose another; also puts it on screen. */
export const useAppearance = (): readonly [Appearance, (appearance: Appearance) => void] => {
  const { data } = useAsk('program', 'preferences', {});
  const { mutate } = useTell('program', 'setPreferences');
  const { mode, setMode } = useColorScheme();
  const kept = data?.appearance;
  useEffect(() => {
    if (kept !== undefined) setMode(kept);
  }, [kept, setMode]);
  return [kept ?? mode ?? 'system', (appearance) => {
    setMode(appearance);
    mutate({ preferences: { ...data, appearance } });
  }];
};

export const AppearanceSwitch = (): ReactNode => {
  const [appearance, choose] = useAppearance();
  const { label, icon, next } = appearances[appearance];
  const text = `Appearance: ${label}. Switch to ${appearances[next].label}`;
  return (
    <Tooltip title={text}>
      <IconButton aria-label={text} onClick={() => choose(next)}><Icon path={icon} /></IconButton>
    </Tooltip>
  );
};
