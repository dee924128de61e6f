/** The words that lead through the platforms' consoles, as those consoles show them. */
export const setup = {
  address: "the address",

  slack: {
    title: "Make the app in Slack",
    again: "How the app was made in Slack",
    make: "Make the app",
    makeText:
      "Open this address, choose From a manifest, pick the workspace, paste the manifest under JSON, and press Next and Create.",
    copy: "Copy the manifest",
    loading: "the manifest",
    tokens: "Copy its two tokens",
    botToken: "Bot token (xoxb-…):",
    botTokenText:
      "Install App > Install to Workspace > Allow, then copy the Bot User OAuth Token. Where your workspace wants every app approved, an owner gets a request first.",
    appToken: "App-level token (xapp-…):",
    appTokenText:
      "Basic Information > App-Level Tokens > Generate Token and Scopes. Give it any name, add the scope connections:write, generate, and copy the token.",
  },

  teams: {
    title: "Register the app in Entra",
    copyAll: "Copy the checklist",
    yourAddress: "https://YOUR-ADDRESS",
    register: "Register the app",
    registerText:
      "Entra ID > App registrations > New registration. Supported account types: Accounts in this organizational directory only.",
    name: "Name:",
    firstRedirect: "Redirect URI, platform Public client/native (mobile & desktop):",
    redirect: "Let people sign in",
    redirectText:
      "Authentication > Mobile and desktop applications: add this redirect URI. Under Advanced settings set Allow public client flows to Yes.",
    web: "With a public address also: Add a platform > Web, redirect URI:",
    permissions: "Allow what it needs",
    permissionsText: "API permissions > Add a permission > Microsoft Graph.",
    application: "Application permissions",
    delegated: "Delegated permissions",
    noGuests:
      "If nobody is to have a guest account, leave out User.Invite.All and User.ReadWrite.All.",
    consent: "Grant admin consent",
    consentText:
      "API permissions > Grant admin consent for your organisation. Nobody is represented by it: each still has to sign in once.",
  },

  proof: {
    title: "How the app proves itself",
    kinds: { certificate: "Certificate (recommended)", secret: "Client secret" },
    kindsLong: {
      certificate: "Its private key never leaves Causeway’s encrypted database.",
      secret: "A password of the app, which whoever reads it can use.",
    },
    make: "Make a certificate",
    makeAnother: "Make another",
    making: "Making it…",
    makeText:
      "Causeway makes a key and a certificate. You upload the certificate to the app registration. It is good for a year, and Causeway warns you 14, 7 and 1 days before its end.",
    madeBefore:
      "Where one was made and uploaded already, nothing needs to be made: it is used as it is.",
    thumbprint: "Thumbprint",
    thumbprintOf: "the thumbprint",
    ends: "Ends",
    copy: "Copy the certificate",
    upload:
      "Paste it into a file named causeway.pem. Entra: your app, Certificates & secrets > Certificates > Upload certificate. The thumbprint shown there has to be the one above.",
    anotherText: "One that was made before and is not in use yet is thrown away.",
    secret: "Client secret",
    secretHint:
      "Its value, not its ID. Entra: your app, Certificates & secrets > Client secrets > New client secret.",
    secretEnds: "It ends on",
    secretEndsHint:
      "As Entra shows it under Expires. Causeway warns you 14, 7 and 1 days before: from that day on nothing is relayed.",
    notADay: "Give the day as year-month-day, such as 2027-01-31.",
    over: "This day is over. Make a new client secret.",
  },
};
