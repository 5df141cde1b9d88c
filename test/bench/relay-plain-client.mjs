// The npm client of localtunnel in front of the app: node relay-plain-client.mjs <app port> <server> <subdomain>
import localtunnel from "localtunnel";

const [port, host, subdomain] = process.argv.slice(2);
const { url } = await localtunnel({ port: Number(port), host, subdomain });
console.log(`listening ${url}`);
