package io.dvflow.dataplane.source.http;

/** Where the login of an http source stands, for people whose request was refused. */
enum LoginPlace {
    SECRET,
    SECRET_HEADERS,
    HEADERS,
    URL,
    NOWHERE,
    MIRROR;

    private static final String NO_SECRET = "The source names neither secretRef nor secretExtraHeaders. If it takes a"
            + " login, name a secret with accessKeyId and secretKey in its secretRef";
    private static final String NOT_FOR_MIRRORS = " (the secrets that the source names are for its own server alone)";

    /** What to look at after this status, 401 or 403; a whole sentence. */
    String advice(int status) {
        return status == 401 ? ofTheUnknown() : ofTheForbidden() + ", or that the URL's signature is valid";
    }

    private String ofTheUnknown() {
        return switch (this) {
            case SECRET -> "Check accessKeyId and secretKey in the secret that the source's secretRef names";
            case SECRET_HEADERS -> "Check the headers in the secrets that the source's secretExtraHeaders name";
            case HEADERS -> "Check the Authorization among the source's extraHeaders";
            case URL ->
                "Check user and password in the source's URL, or name a secret with accessKeyId and secretKey in its"
                        + " secretRef";
            case NOWHERE -> NO_SECRET + ", or let everybody read it";
            case MIRROR -> "Check user and password in the URL of the mirror" + NOT_FOR_MIRRORS;
        };
    }

    private String ofTheForbidden() {
        return switch (this) {
            case SECRET -> "Check that the login in the source's secretRef may read it";
            case SECRET_HEADERS ->
                "Check that the headers in the secrets of the source's secretExtraHeaders allow to read it";
            case HEADERS -> "Check that the Authorization among the source's extraHeaders allows to read it";
            case URL -> "Check that the user in the source's URL may read it";
            case NOWHERE -> NO_SECRET + ". Check that everybody may read it";
            case MIRROR -> "Check that the user in the URL of the mirror may read it" + NOT_FOR_MIRRORS;
        };
    }
}
