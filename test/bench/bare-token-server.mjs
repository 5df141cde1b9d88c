// The least that gives access tokens: whatever is asked, it signs the token of a given answer anew.
// node bare-token-server.mjs <port> <key file> <answer file>
import { createPrivateKey, sign } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

const [port, keyFile, answerFile] = process.argv.slice(2);
const key = createPrivateKey({ key: JSON.parse(readFileSync(keyFile, "utf8")), format: "jwk" });
const answer = JSON.parse(readFileSync(answerFile, "utf8"));
const input = answer.access_token.slice(0, answer.access_token.lastIndexOf("."));

createServer((request, response) => {
  request.resume().on("end", () => {
    sign("sha256", Buffer.from(input), key, (error, signature) => {
      if (error) throw error;
      const token = `${input}.${signature.toString("base64url")}`;
      const body = JSON.stringify({ ...answer, access_token: token });
      response.writeHead(200, { "content-type": "application/json", "content-length": body.length });
      response.end(body);
    });
  });
}).listen(Number(port), "127.0.0.1");
