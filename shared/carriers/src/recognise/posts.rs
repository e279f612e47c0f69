//! Which post gives the S10 numbers of a country.
//!
//! The countries are those whose designated operators have S10 codes with the
//! Universal Postal Union. A post that has no module of its own is known by
//! sight only.

use super::sight::PostalOperator;

const NONE: u8 = u8::MAX;

/// The post of each country, by its ISO 3166-1 alpha-2 code, in that order.
pub(super) const POSTS: &[PostalOperator] = &[
    postal_operator("AE", "emirates_post", "Emirates Post"),
    postal_operator("AF", "afghan_post", "Afghan Post"),
    postal_operator("AG", "antigua_postal_services", "Antigua Postal Services"),
    postal_operator("AL", "posta_shqiptare", "Posta Shqiptare"),
    postal_operator("AM", "haypost", "Haypost"),
    postal_operator("AO", "correios_de_angola", "Correios de Angola"),
    postal_operator("AR", "correo_argentino", "Correo Argentino"),
    postal_operator("AT", "austrian_post", "Austrian Post"),
    postal_operator("AU", "australia_post", "Australia Post"),
    postal_operator("AZ", "azerpost", "Azerpost"),
    postal_operator("BA", "bh_posta", "BH Pošta"),
    postal_operator("BB", "barbados_postal_service", "Barbados Postal Service"),
    postal_operator("BD", "bangladesh_post_office", "Bangladesh Post Office"),
    postal_operator("BE", "bpost", "bpost"),
    postal_operator("BF", "la_poste_burkina_faso", "La Poste Burkina Faso"),
    postal_operator("BG", "bulgarian_posts", "Bulgarian Posts"),
    postal_operator("BH", "bahrain_post", "Bahrain Post"),
    postal_operator("BI", "poste_du_burundi", "Poste du Burundi"),
    postal_operator("BJ", "la_poste_du_benin", "La Poste du Bénin"),
    postal_operator("BN", "brunei_postal_services", "Brunei Postal Services"),
    postal_operator("BO", "correos_de_bolivia", "Correos de Bolivia"),
    postal_operator("BR", "correios_brazil", "Correios Brazil"),
    postal_operator("BS", "bahamas_postal_service", "Bahamas Postal Service"),
    postal_operator("BT", "bhutan_post", "Bhutan Post"),
    postal_operator("BW", "botswanapost", "BotswanaPost"),
    postal_operator("BY", "belpochta", "Belpochta"),
    postal_operator("BZ", "belize_postal_service", "Belize Postal Service"),
    postal_operator("CA", "canada_post", "Canada Post"),
    postal_operator("CD", "poste_du_congo_kinshasa", "Poste du Congo Kinshasa"),
    postal_operator("CF", "poste_centrafrique", "Poste Centrafrique"),
    postal_operator("CG", "poste_du_congo", "Poste du Congo"),
    postal_operator("CH", "swiss_post", "Swiss Post"),
    postal_operator(
        "CI",
        "la_poste_de_cote_d_ivoire",
        "La Poste de Côte d'Ivoire",
    ),
    postal_operator("CL", "correos_chile", "Correos Chile"),
    postal_operator("CM", "campost", "Campost"),
    postal_operator("CN", "china_post", "China Post"),
    postal_operator("CO", "4_72_colombia", "4-72 Colombia"),
    postal_operator("CR", "correos_de_costa_rica", "Correos de Costa Rica"),
    postal_operator("CU", "correos_de_cuba", "Correos de Cuba"),
    postal_operator("CV", "correios_de_cabo_verde", "Correios de Cabo Verde"),
    postal_operator("CY", "cyprus_post", "Cyprus Post"),
    postal_operator("CZ", "ceska_posta", "Česká pošta"),
    postal_operator("DE", "dhl_parcel_de", "DHL Parcel DE"),
    postal_operator("DJ", "la_poste_de_djibouti", "La Poste de Djibouti"),
    postal_operator("DK", "postnord_denmark", "PostNord Denmark"),
    postal_operator("DM", "dominica_post", "Dominica Post"),
    postal_operator("DO", "inposdom", "Inposdom"),
    postal_operator("DZ", "algerie_poste", "Algérie Poste"),
    postal_operator("EC", "correos_del_ecuador", "Correos del Ecuador"),
    postal_operator("EE", "omniva", "Omniva"),
    postal_operator("EG", "egypt_post", "Egypt Post"),
    postal_operator("ER", "eritrean_postal_service", "Eritrean Postal Service"),
    postal_operator("ES", "correos", "Correos"),
    postal_operator("ET", "ethiopian_postal_service", "Ethiopian Postal Service"),
    postal_operator("FI", "posti", "Posti"),
    postal_operator("FJ", "post_fiji", "Post Fiji"),
    postal_operator("FR", "laposte", "La Poste"),
    postal_operator("GA", "la_poste_gabon", "La Poste Gabon"),
    postal_operator("GB", "royal_mail", "Royal Mail"),
    postal_operator(
        "GD",
        "grenada_postal_corporation",
        "Grenada Postal Corporation",
    ),
    postal_operator("GE", "georgian_post", "Georgian Post"),
    postal_operator("GH", "ghana_post", "Ghana Post"),
    postal_operator("GM", "gambia_post", "Gambia Post"),
    postal_operator("GN", "poste_guineenne", "Poste guinéenne"),
    postal_operator(
        "GQ",
        "correos_de_guinea_ecuatorial",
        "Correos de Guinea Ecuatorial",
    ),
    postal_operator("GR", "elta_hellenic_post", "ELTA Hellenic Post"),
    postal_operator("GT", "correos_de_guatemala", "Correos de Guatemala"),
    postal_operator("GW", "correios_da_guine_bissau", "Correios da Guiné-Bissau"),
    postal_operator("GY", "guyana_post_office", "Guyana Post Office"),
    postal_operator("HK", "hongkong_post", "Hongkong Post"),
    postal_operator("HN", "honducor", "Honducor"),
    postal_operator("HR", "hrvatska_posta", "Hrvatska pošta"),
    postal_operator(
        "HT",
        "office_des_postes_d_haiti",
        "Office des Postes d'Haïti",
    ),
    postal_operator("HU", "magyar_posta", "Magyar Posta"),
    postal_operator("ID", "pos_indonesia", "Pos Indonesia"),
    postal_operator("IE", "an_post", "An Post"),
    postal_operator("IL", "israel_post", "Israel Post"),
    postal_operator("IN", "india_post", "India Post"),
    postal_operator("IQ", "iraqi_post", "Iraqi Post"),
    postal_operator("IR", "iran_post", "Iran Post"),
    postal_operator("IS", "islandspostur", "Íslandspóstur"),
    postal_operator("IT", "poste_italiane", "Poste Italiane"),
    postal_operator("JM", "jamaica_post", "Jamaica Post"),
    postal_operator("JO", "jordan_post", "Jordan Post"),
    postal_operator("JP", "japan_post", "Japan Post"),
    postal_operator("KE", "posta_kenya", "Posta Kenya"),
    postal_operator("KG", "kyrgyz_post", "Kyrgyz Post"),
    postal_operator("KH", "cambodia_post", "Cambodia Post"),
    postal_operator("KI", "kiribati_post", "Kiribati Post"),
    postal_operator("KM", "poste_comores", "Poste Comores"),
    postal_operator("KN", "st_kitts_and_nevis_post", "St Kitts and Nevis Post"),
    postal_operator("KP", "dprk_post", "DPRK Post"),
    postal_operator("KR", "korea_post", "Korea Post"),
    postal_operator("KW", "kuwait_post", "Kuwait Post"),
    postal_operator("KZ", "kazpost", "Kazpost"),
    postal_operator(
        "LA",
        "entreprise_des_postes_lao",
        "Entreprise des Postes Lao",
    ),
    postal_operator("LB", "libanpost", "LibanPost"),
    postal_operator("LC", "saint_lucia_post", "Saint Lucia Post"),
    postal_operator("LI", "liechtensteinische_post", "Liechtensteinische Post"),
    postal_operator("LK", "sri_lanka_post", "Sri Lanka Post"),
    postal_operator("LR", "liberia_post", "Liberia Post"),
    postal_operator("LS", "lesotho_post", "Lesotho Post"),
    postal_operator("LT", "lietuvos_pastas", "Lietuvos paštas"),
    postal_operator("LU", "post_luxembourg", "POST Luxembourg"),
    postal_operator("LV", "latvijas_pasts", "Latvijas Pasts"),
    postal_operator("LY", "libya_post", "Libya Post"),
    postal_operator("MA", "barid_al_maghrib", "Barid Al-Maghrib"),
    postal_operator("MC", "laposte", "La Poste"),
    postal_operator("MD", "posta_moldovei", "Poșta Moldovei"),
    postal_operator("ME", "posta_crne_gore", "Pošta Crne Gore"),
    postal_operator("MG", "paositra_malagasy", "Paositra Malagasy"),
    postal_operator("MK", "makedonska_posta", "Makedonska Pošta"),
    postal_operator("ML", "la_poste_du_mali", "La Poste du Mali"),
    postal_operator("MM", "myanmar_post", "Myanmar Post"),
    postal_operator("MN", "mongol_post", "Mongol Post"),
    postal_operator("MR", "mauripost", "Mauripost"),
    postal_operator("MT", "maltapost", "MaltaPost"),
    postal_operator("MU", "mauritius_post", "Mauritius Post"),
    postal_operator("MV", "maldives_post", "Maldives Post"),
    postal_operator("MW", "malawi_posts", "Malawi Posts"),
    postal_operator("MX", "correos_de_mexico", "Correos de México"),
    postal_operator("MY", "pos_malaysia", "Pos Malaysia"),
    postal_operator("MZ", "correios_de_mocambique", "Correios de Moçambique"),
    postal_operator("NA", "nampost", "NamPost"),
    postal_operator("NE", "niger_poste", "Niger Poste"),
    postal_operator("NG", "nigerian_postal_service", "Nigerian Postal Service"),
    postal_operator("NI", "correos_de_nicaragua", "Correos de Nicaragua"),
    postal_operator("NL", "postnl", "PostNL"),
    postal_operator("NO", "bring", "Bring"),
    postal_operator("NP", "nepal_post", "Nepal Post"),
    postal_operator("NR", "nauru_post", "Nauru Post"),
    postal_operator("NZ", "nz_post", "NZ Post"),
    postal_operator("OM", "oman_post", "Oman Post"),
    postal_operator("PA", "correos_de_panama", "Correos de Panamá"),
    postal_operator("PE", "serpost", "Serpost"),
    postal_operator("PG", "post_png", "Post PNG"),
    postal_operator("PH", "phlpost", "PHLPost"),
    postal_operator("PK", "pakistan_post", "Pakistan Post"),
    postal_operator("PL", "poczta_polska", "Poczta Polska"),
    postal_operator("PT", "ctt", "CTT"),
    postal_operator("PY", "correo_paraguayo", "Correo Paraguayo"),
    postal_operator("QA", "qatar_post", "Qatar Post"),
    postal_operator("RO", "posta_romana", "Poșta Română"),
    postal_operator("RS", "posta_srbije", "Pošta Srbije"),
    postal_operator("RU", "russian_post", "Russian Post"),
    postal_operator("RW", "iposita_rwanda", "Iposita Rwanda"),
    postal_operator("SA", "saudi_post", "Saudi Post"),
    postal_operator("SB", "solomon_post", "Solomon Post"),
    postal_operator("SC", "seychelles_post", "Seychelles Post"),
    postal_operator("SD", "sudapost", "Sudapost"),
    postal_operator("SE", "postnord_sweden", "PostNord Sweden"),
    postal_operator("SG", "singapore_post", "Singapore Post"),
    postal_operator("SI", "posta_slovenije", "Pošta Slovenije"),
    postal_operator("SK", "slovenska_posta", "Slovenská pošta"),
    postal_operator("SL", "sierra_leone_post", "Sierra Leone Post"),
    postal_operator("SM", "poste_san_marino", "Poste San Marino"),
    postal_operator("SN", "la_poste_senegal", "La Poste Sénégal"),
    postal_operator("SO", "somali_post", "Somali Post"),
    postal_operator("SR", "surpost", "Surpost"),
    postal_operator("SS", "south_sudan_post", "South Sudan Post"),
    postal_operator("ST", "correios_de_sao_tome", "Correios de São Tomé"),
    postal_operator("SV", "correos_de_el_salvador", "Correos de El Salvador"),
    postal_operator("SY", "syrian_post", "Syrian Post"),
    postal_operator("SZ", "eswatini_post", "Eswatini Post"),
    postal_operator("TD", "poste_du_tchad", "Poste du Tchad"),
    postal_operator("TG", "la_poste_du_togo", "La Poste du Togo"),
    postal_operator("TH", "thailand_post", "Thailand Post"),
    postal_operator("TJ", "tajik_post", "Tajik Post"),
    postal_operator("TL", "correios_de_timor_leste", "Correios de Timor-Leste"),
    postal_operator("TM", "turkmenpost", "Turkmenpost"),
    postal_operator("TN", "la_poste_tunisienne", "La Poste Tunisienne"),
    postal_operator("TO", "tonga_post", "Tonga Post"),
    postal_operator("TR", "ptt", "PTT"),
    postal_operator("TT", "ttpost", "TTPost"),
    postal_operator("TV", "tuvalu_post", "Tuvalu Post"),
    postal_operator("TZ", "tanzania_posts", "Tanzania Posts"),
    postal_operator("UA", "ukrposhta", "Ukrposhta"),
    postal_operator("UG", "posta_uganda", "Posta Uganda"),
    postal_operator("US", "usps", "USPS"),
    postal_operator("UY", "correo_uruguayo", "Correo Uruguayo"),
    postal_operator("UZ", "uzbekistan_post", "Uzbekistan Post"),
    postal_operator("VA", "poste_vaticane", "Poste Vaticane"),
    postal_operator("VC", "svg_post", "SVG Post"),
    postal_operator("VE", "ipostel", "Ipostel"),
    postal_operator("VN", "vietnam_post", "Vietnam Post"),
    postal_operator("VU", "vanuatu_post", "Vanuatu Post"),
    postal_operator("WS", "samoa_post", "Samoa Post"),
    postal_operator("YE", "yemen_post", "Yemen Post"),
    postal_operator(
        "ZA",
        "south_african_post_office",
        "South African Post Office",
    ),
    postal_operator("ZM", "zampost", "Zampost"),
    postal_operator("ZW", "zimpost", "Zimpost"),
];

const fn postal_operator(
    country: &'static str,
    carrier: &'static str,
    name: &'static str,
) -> PostalOperator {
    PostalOperator {
        country,
        carrier,
        name,
    }
}

/// For each pair of letters the place of its post in [`POSTS`].
static BY_COUNTRY: [u8; 26 * 26] = {
    let mut places = [NONE; 26 * 26];
    let mut place = 0;
    while place < POSTS.len() {
        let code = POSTS[place].country.as_bytes();
        let slot = (code[0] - b'A') as usize * 26 + (code[1] - b'A') as usize;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "there are fewer than 255 posts"
        )]
        {
            places[slot] = place as u8;
        }
        place += 1;
    }
    places
};

/// The post of a country, by the two capital letters of its code.
pub(super) fn of_country(code: &[u8]) -> Option<&'static PostalOperator> {
    let [first, second] = code else { return None };
    if !first.is_ascii_uppercase() || !second.is_ascii_uppercase() {
        return None;
    }
    let slot = usize::from(first - b'A') * 26 + usize::from(second - b'A');
    let place = BY_COUNTRY[slot];
    (place != NONE).then(|| &POSTS[usize::from(place)])
}
