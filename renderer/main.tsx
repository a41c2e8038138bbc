// The window's entry: opens the link, then draws.
import createCache from '@emotion/cache';
import { CacheProvider } from '@emotion/react';
import CssBaseline from '@mui/material/CssBaseline';
import { ThemeProvider } from '@mui/material/styles';
import { createRoot } from 'react-dom/client';
import { ApiProvider, createApi } from './api/api.tsx';
import { openLink } from './api/link.ts';
import { Frame } from './screens/frame.tsx';
import { NetworkRates } from './screens/network-rates.tsx';
import { Guarded } from './ui/guarded.tsx';
import { pageNonce } from './ui/nonce.ts';
import { theme } from './ui/theme.ts';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');
const nonce = pageNonce();
const cache = createCache({ key: 'gd', ...(nonce !== '' && { nonce }) });

// The appearance is a preference that main keeps, so nothing is stored in the page.
createRoot(root).render(
  <CacheProvider value={cache}>
    <ThemeProvider theme={theme} defaultMode="system" storageManager={null}>
      <CssBaseline />
      <Guarded at="">
        <ApiProvider api={createApi(openLink())}>
          <NetworkRates><Frame /></NetworkRates>
        </ApiProvider>
      </Guarded>
    </ThemeProvider>
  </CacheProvider>,
);
