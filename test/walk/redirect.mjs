// Sends requests to the vendor's API to the address in WALK_VENDOR_URL.
const vendor = process.env.WALK_VENDOR_URL;
const { fetch } = globalThis;

if (vendor !== undefined) {
  globalThis.fetch = (input, init) => {
    const url = new URL(typeof input === 'string' || input instanceof URL ? input : input.url);
    return url.hostname === 'hist.databento.com'
      ? fetch(new URL(url.pathname + url.search, vendor), init)
      : fetch(input, init);
  };
}
