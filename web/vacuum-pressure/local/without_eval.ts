import { z } from 'zod';

// Schemas that are made after this do not try whether they may compile code, which the page's content policy forbids and reports.
z.config({ jitless: true });
