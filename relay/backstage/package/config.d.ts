export interface Config {
  /** catalog-gate's module of the catalog backend. Left out: the module does nothing. */
  catalogGate?: {
    relay?: {
      /** Where the relay listens, such as https://relay.example.com:8443. */
      url: string
      /**
       * One of the relay's secrets.backstage: whsec_…
       * @visibility secret
       */
      secret: string
    }
    /** The relay provides the Locations of all catalog files of default branches. Default: true. False: verdicts only, for as long as another provider or registrations hold the Locations. */
    provider?: boolean
    /** Of the module `…/sign-in`, for auth.providers.github. */
    signIn?: {
      /** ORG/SLUG: only members of these teams at GHES come in, and own what those teams own. Needs additionalScopes: [read:org]. */
      teams?: string[]
    }
    annotations?: {
      /** What our annotations begin with, a name as of a DNS domain. Default: catalog-gate. */
      prefix?: string
    }
  }
}
