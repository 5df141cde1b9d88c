// The least that does what the relay does: verifies each token, passes it on, writes down what came of it.
// node relay-yardstick.mjs <port> <app port> <JWKS file> <history file>
import { createPublicKey, verify } from "node:crypto";
import { openSync, readFileSync, writeSync } from "node:fs";
import { Agent, createServer, request as requestHttp } from "node:http";

const [port, appPort, jwksFile, historyFile] = process.argv.slice(2);
const [jwk] = JSON.parse(readFileSync(jwksFile, "utf8")).keys;
const key = createPublicKey({ key: jwk, format: "jwk" });
const history = openSync(historyFile, "a", 0o600);
const agent = new Agent({ keepAlive: true });

createServer((request, response) => {
  readAll(request, (body) => {
    const token = body.toString("latin1");
    if (!isEvent(token)) {
      response.writeHead(401).end();
      return;
    }
    const { method, url: path, headers } = request;
    const to = { host: "127.0.0.1", port: appPort, method, path, headers, agent };
    requestHttp(to, (answer) => {
      readAll(answer, (answerBody) => {
        const line = {
          at: Date.now(),
          webhookId: headers["webhook-id"],
          token,
          status: answer.statusCode,
        };
        writeSync(history, `${JSON.stringify(line)}\n`);
        response.writeHead(answer.statusCode, answer.headers);
        response.end(answerBody);
      });
    }).end(body);
  });
}).listen(Number(port), "127.0.0.1", () => console.log("listening"));

function readAll(stream, done) {
  const chunks = [];
  stream.on("data", (chunk) => chunks.push(chunk));
  stream.on("end", () => done(Buffer.concat(chunks)));
}

function isEvent(token) {
  const [header, claims, signature] = token.split(".");
  return (
    verify("sha256", Buffer.from(`${header}.${claims}`), key, Buffer.from(signature, "base64url")) &&
    typeof JSON.parse(Buffer.from(claims, "base64url").toString()).event_id === "string"
  );
}
