// The page of certificates against the stand-in, for tests: shown, pressed, typed into, and what it asked of main.
import { ThemeProvider } from '@mui/material/styles';
import { fireEvent, render, screen, waitFor } from '@testing-library/react';
import type { ReactNode } from 'react';
import { ApiProvider, createApi } from '../../api/api.tsx';
import { useFleet } from '../../api/fleet.ts';
import { standIn } from '../../stand-in/bridge.ts';
import { theme } from '../../ui/theme.ts';
import type { Place } from '../place.ts';
import { CertificatesScreen } from './certificates-screen.tsx';

type At = Omit<Extract<Place, { at: 'certificates' }>, 'at'>;

const Screen = ({ at }: { readonly at: At }): ReactNode => {
  const fleet = useFleet();
  return fleet.connections.length === 0 ? null : <CertificatesScreen place={{ at: 'certificates', ...at }} fleet={fleet} />;
};

/** Shows the page, or the wizard; `before` changes what the stand-in has first. Gives all that is asked of main. */
export const showPage = async (at: At = {}, before: (bridge: ReturnType<typeof standIn>) => Promise<unknown> = async () => undefined) => {
  const bridge = standIn({ guests: 0, hosts: true, pace: 0 });
  await before(bridge);
  const first = bridge.asked.length;
  render(<ThemeProvider theme={theme}><ApiProvider api={createApi({ bridge, up: () => true, onChange: () => () => undefined })}><Screen at={at} /></ApiProvider></ThemeProvider>);
  return { asked: (name: string) => bridge.asked.slice(first).filter(({ ask }) => ask === name).map(({ takes }) => takes) };
};

/** Presses a button once it can be pressed, as a person does. */
export const press = async (name: string | RegExp): Promise<void> => {
  const button = await waitFor(() => {
    const found = screen.getByRole('button', { name });
    if (found.hasAttribute('disabled')) throw new Error(`${String(name)} cannot be pressed yet`);
    return found;
  });
  fireEvent.click(button);
};
export const type = (label: string, value: string): void => {
  fireEvent.change(screen.getByLabelText(label), { target: { value } });
};
export const choose = async (label: RegExp, option: string | RegExp): Promise<void> => {
  fireEvent.mouseDown(await screen.findByRole('combobox', { name: label }));
  fireEvent.click(await screen.findByRole('option', { name: option }));
  await waitFor(() => {
    if (screen.queryByRole('listbox') !== null) throw new Error('the list is still open');
  });
};
/** Waits for the step of the wizard. */
export const heading = async (name: string): Promise<void> => {
  await screen.findByRole('heading', { name });
};
