// Every colour of the interface, light and dark: text on its ground reaches WCAG AA (4.5 : 1), marks 3 : 1.
import { useColorScheme } from '@mui/material/styles';
import type { HostColor } from '../../app/contract/connections.ts';

/** A ground with the text that is readable on it. */
interface Tone {
  readonly soft: string;
  readonly text: string;
  readonly mark: string;
}

export interface Colors {
  readonly ground: string;
  readonly panel: string;
  readonly line: string;
  readonly faint: string;
  readonly ink: string;
  readonly mute: string;
  readonly primary: string;
  readonly onPrimary: string;
  readonly good: Tone;
  readonly warn: Tone;
  readonly bad: Tone;
  readonly accent: Tone;
  readonly quiet: Tone;
  /** NUMA nodes, in order, again from the start when there are more. */
  readonly nodes: readonly string[];
  /** The marks people give to hosts. */
  readonly hosts: Readonly<Record<HostColor, string>>;
  readonly cell: string;
  readonly hatch: readonly [string, string];
  /** A pin that would change. */
  readonly change: readonly [string, string];
  readonly heat: string;
  readonly cpu: string;
  readonly memory: string;
  readonly disk: string;
  readonly network: string;
  readonly track: string;
  readonly shadow: string;
}

export type Scheme = 'light' | 'dark';

export const colors: Readonly<Record<Scheme, Colors>> = {
  light: {
    ground: '#f6f7f9', panel: '#ffffff', line: '#e2e5ea', faint: '#eef0f4', ink: '#1b2330', mute: '#596377', primary: '#2456d6', onPrimary: '#ffffff',
    good: { soft: '#e5f6ec', text: '#14713b', mark: '#1a8a4a' },
    warn: { soft: '#fff4e0', text: '#8f5500', mark: '#d98a0b' },
    bad: { soft: '#fdeaec', text: '#b02832', mark: '#c62f3a' },
    accent: { soft: '#e8eefc', text: '#2456d6', mark: '#2456d6' },
    quiet: { soft: '#eef0f4', text: '#596377', mark: '#9aa3b2' },
    nodes: ['#2456d6', '#8a3ffc', '#0b7285', '#a2461b'],
    hosts: { red: '#c62f3a', orange: '#d9690b', yellow: '#a88400', green: '#1a8a4a', teal: '#0b7285', blue: '#2456d6', purple: '#8a3ffc', grey: '#77808f' },
    cell: '#eff1f5', hatch: ['#d3d8e0', '#f6f7f9'], change: ['#2456d6', '#7d9cf0'],
    heat: '198,47,58', cpu: '#2456d6', memory: '#0b7285', disk: '#8a3ffc', network: '#1a8a4a', track: '#e9ecf1', shadow: '#1b233014',
  },
  dark: {
    ground: '#0f131a', panel: '#161b24', line: '#2a3240', faint: '#212835', ink: '#e4e8ef', mute: '#98a3b6', primary: '#8fb0ff', onPrimary: '#0d1a38',
    good: { soft: '#14311f', text: '#5fce8d', mark: '#3fb56f' },
    warn: { soft: '#3a2b10', text: '#f0b252', mark: '#e0a03a' },
    bad: { soft: '#41191d', text: '#ff8a92', mark: '#f2616c' },
    accent: { soft: '#1d2b4d', text: '#8fb0ff', mark: '#6d97ff' },
    quiet: { soft: '#232a36', text: '#98a3b6', mark: '#5b6679' },
    nodes: ['#3b68dd', '#8b4cf5', '#0f7a8d', '#b8521f'],
    hosts: { red: '#f2616c', orange: '#f0904a', yellow: '#e0c03a', green: '#3fb56f', teal: '#3cb5c9', blue: '#6d97ff', purple: '#b18aff', grey: '#98a3b6' },
    cell: '#222936', hatch: ['#3b4455', '#1c222d'], change: ['#5b86f2', '#2c4588'],
    heat: '242,97,108', cpu: '#6d97ff', memory: '#3cb5c9', disk: '#b18aff', network: '#3fb56f', track: '#2a3240', shadow: '#00000066',
  },
};

/** The colours of the scheme on screen, for canvases and styles that the theme does not reach. */
export const useColors = (): Colors => {
  const { mode, systemMode } = useColorScheme();
  return colors[(mode === 'system' ? systemMode : mode) ?? 'light'];
};
