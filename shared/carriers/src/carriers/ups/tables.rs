//! UPS's published codes, each table grouped by what we make of them.
//!
//! A code that says nothing of where the shipment is stands under [`Note`], so
//! that one which is in no table is really new.

use posthorn_domain::{
    scan::ScanMeaning::{self, Delay, Note, Status},
    status::{DelayReason, Reason},
};

/// Meanings and their codes, separated by spaces.
pub(super) type Table = &'static [(ScanMeaning, &'static str)];

/// Exceptions and what the driver notes, by activity code.
pub(super) const EXCEPTIONS: Table = &[
    (
        Delay(DelayReason::Carrier),
        "2 3 4 6 7 8 11 14 16 17 19 22 31 34 68 72 87 1B 1L 1O 1V 1X 2H 2Y 2Z 3A 3B 3C \
         3T 4K 6E 7G 7Y 7Z 8A 8G 8K 8L 8Y 8Z 9M 9N 9O 9P 9Q 9R 9S 9T 9U 9V 9X 9Y 9Z C6 \
         CC CL CN CP CQ D1 DC DQ DR DU E3 ED EH EN GH GI GV HA HH K2 LE LF MT NW OM OS \
         Q1 S8 TH TI TN UK YI 0 9 12 32 57 EI EK K1 4Y",
    ),
    (Delay(DelayReason::Customs), "OI XZ DK"),
    (
        Delay(DelayReason::External),
        "15 23 7R 7S 9L AZ B1 DG G6 G9 GC H7 P6 Q0 RY DF",
    ),
    (
        Delay(DelayReason::Flight),
        "18 1K 1Q CD CK CM FG HG NP OD 41 42 44 CB EF EG EL EM",
    ),
    (
        Delay(DelayReason::Weather),
        "1E 2A 3D 6D 7V 7W 7X C5 DJ PZ CR EJ",
    ),
    (
        Note,
        "30 37 39 63 78 79 92 93 99 1A 1D 1T 2E 2G 2S 3Q 3S 3U 3V 3W 3Z 4I 4J 4L 4M 4N \
         4Q 5A 5B 5U 5W 6W 6X 6Z 7D 7E 7N 7Q 8C 8E 8F 9C 9D 9J 9K AT BF BQ BR BT CG CH \
         CJ CS D7 DT E2 E7 EO F5 F8 FW G1 G4 G5 GN GO GQ GR H6 HJ HN I3 I9 IB J8 J9 JA \
         JB JC JH JI JJ K5 K6 K8 KN KO KY L0 L8 LH LI LN LO LQ LU LZ MF O1 O2 O3 O5 O6 \
         O8 O9 OL P7 R3 R8 RF RG RH RO RW S0 S6 S7 SO SU T3 T4 T5 T6 T7 T8 TA TB TC TK \
         TL TO TR TS UD UG UL UO UP UT UW UX UZ V9 VA VD VE VM VN VU VV VW XS Y2 Y7 YS \
         YU YW Z7 Z8 ZA ZB ZC ZO ZU 1Z 2C 38 4X 7A 8N 8Q 98 9E AU CO EA EB EC EE EQ F1 \
         F2 FD FI FV FZ GW L6 LM M1 M2 MY NS NX TW UJ ZE HI",
    ),
    (Status(Reason::Accepted), "HF P4 Z5 VS"),
    (Status(Reason::Access), "84 95 FM G7 G8 IQ IR PI OE"),
    (Status(Reason::Appointment), "VH"),
    (Status(Reason::ArrivalScan), "F0 GD PG RB RC YR YT ZK 2D 85"),
    (Status(Reason::ArrivedDestination), "IP XD"),
    (Status(Reason::AttemptGeneric), "1 5Z GB 7B CU DO 3L"),
    (
        Status(Reason::BadAddress),
        "4Z A5 A6 A8 A9 AA AB AC AD AE AF AG AK AL AV AW CW CY DS E1 FA H1 H2 H3 H4 H5 \
         OJ PH TF YF 50 BO DZ MV",
    ),
    (Status(Reason::Closed), "55 3J AY G3 L1 VL ZM BI FO"),
    (Status(Reason::Collected), "FT 2W A0"),
    (
        Status(Reason::CustomsInfoRequired),
        "29 40 43 71 1W 2B 4T 7T 7U AO B5 B9 BA BB BD BE BG BH BJ BK BP CX CZ D0 DN DY \
         EU EV EW FE FF GF GZ L2 L5 OQ OT R6 R7 RA RR RS RX S1 S2 S3 SJ SL SN SP VP X5 \
         X6 X8 XA XB XC XE XG XN XO XV XW ET SE SG",
    ),
    (
        Status(Reason::CustomsProcessing),
        "5 1U 2N 2T 4C 7M 7P B3 B4 B6 B8 BV BW BX C3 CE CT D5 DB DE E4 E8 E9 ER ES HW \
         L3 LV MI OB R1 R4 R5 RD RE RJ RM RP RU RZ S4 S5 SF SI SS SV SY T9 TE TG TT VK \
         VQ VR W8 X2 X3 X4 X7 X9 XJ XK XL XY Y1 Y4 Y5 YA Z1 70 86 B2 L4 RQ ST 7I SB",
    ),
    (Status(Reason::CustomsProhibited), "73 DP BL RN"),
    // SR is in no table of UPS, only in its example of an answer.
    (Status(Reason::CustomsReleased), "DA Z3 83 BN EZ SR"),
    (Status(Reason::Damaged), "13 45 66 67 A3 A4 HD HE HR TV 28"),
    (
        Status(Reason::DeliveredGeneric),
        "FS 56 59 F4 FN K7 KM 3F 3G 8O AI M3 M4 M5 M6 M7 M8 M9 MA MB MC MD ME MG MH MJ \
         MK ML MM MN MP MQ MR MS MU MW MX NL NT OO OZ P5 PF UC YC ZF ZG ZH 64",
    ),
    (Status(Reason::DepartedOrigin), "YX"),
    (Status(Reason::DepartureScan), "2O F3 2J ZN"),
    (Status(Reason::Disposed), "1F 8D A2 BZ NI YL"),
    (Status(Reason::ExceptionGeneric), "25 4R 5T AJ HO YV GK KU"),
    (
        Status(Reason::Forwarded),
        "89 2X 3R 5R 5S 5V 6H 6R 7C E0 O7 RI YG",
    ),
    (Status(Reason::Lost), "S9 TJ YM 26"),
    (Status(Reason::Moved), "A7 C8 DW"),
    (
        Status(Reason::Moving),
        "77 1P 2R 2V 3P 4B 4H 8R F7 HL HM I8 LX LY OA SX UI VX VZ Y9 ZV ZW YH 4F 6P ZD \
         ZL 6J 6K 76 2U 8M",
    ),
    (Status(Reason::Neighbor), "3H"),
    (Status(Reason::NotHome), "48 49 7L AX C4 HQ KX OH YD CI"),
    (Status(Reason::PaymentDue), "51 52 1C 7F D9 EY KZ DI"),
    (
        Status(Reason::Ready),
        "54 5G 6B 8I I5 UE ZP 1N 2Q 5F EP ZI ZQ VB",
    ),
    (Status(Reason::Received), "UA B0"),
    (
        Status(Reason::Refused),
        "AM AN AP AQ AS KI KR KS KT YE 53 KQ",
    ),
    (
        Status(Reason::RejectedByCarrier),
        "33 46 47 60 91 1G 1H 4P 6T 9F C7 C9 CA CV D2 D4 EX H9 HK I2 OR TX U0 U3 UN UR \
         US 61 62 74 BM",
    ),
    (Status(Reason::Resolved), "1M 6G 6I 6L 9I AH IJ X0 FB"),
    (Status(Reason::Security), "IY J0"),
    (
        Status(Reason::ToSender),
        "24 27 65 90 3N 4S 6C 7H 8H A1 DL H8 I1 KP O0 O4 PP RV TU UF XU YJ YK CF",
    ),
    (Status(Reason::Today), "RK RL VF VG ZS ZX ZY ZZ 2K 7K"),
    (Status(Reason::Unclaimed), "DD VI VJ Y3 BS FC"),
    (Status(Reason::Voided), "5D"),
];

/// Movements.
pub(super) const MOVEMENTS: Table = &[
    (Note, "CA CD CL SP UA UD VP"),
    (Status(Reason::Accepted), "OR PC PU PT XD VS"),
    (Status(Reason::ArrivalScan), "AR DS LC LM WH XA XR YH"),
    (Status(Reason::ArrivedDestination), "IP"),
    (Status(Reason::DepartedOrigin), "EP"),
    (Status(Reason::DepartureScan), "DP"),
    (Status(Reason::Label), "OC PL"),
    // Some that UPS lists among its exceptions are none: handed to the post, on the
    // way to an access point.
    (Status(Reason::Moving), "AG AT DL HU OD UL YM YN YP ZV ZW"),
    (Status(Reason::Today), "OF OT YF YI ZS"),
];

/// What a delivery means by a code that is also a movement's.
pub(super) const DELIVERIES: Table = &[(Status(Reason::Ready), "EP")];

/// Manifests.
pub(super) const MANIFEST: Table = &[
    (Status(Reason::Label), "DP MP RD"),
    (Status(Reason::Voided), "VP"),
];

/// Updates, which are no scans.
pub(super) const UPDATES: Table = &[(Note, "PX UP UT")];

/// The published status codes, coarser than activity codes: what is left when the activity code is none of ours.
pub(super) const STATUS_CODES: Table = &[
    (Delay(DelayReason::Carrier), "46 48 49 55 86 90"),
    (Delay(DelayReason::External), "132"),
    (Delay(DelayReason::Weather), "32 51 52 53"),
    (
        Note,
        "0 18 19 20 27 33 41 42 43 54 56 63 65 75 77 82 88 93 94 95 97 98 99 100 101 \
         102 103 104 105 106 107 108 109 110 111 112 113 114 115 116 117 119 120 121 \
         122 127 128 129 130 131 133 135 136 140 142 148 153 154 155 156 163",
    ),
    (Status(Reason::Accepted), "38 160 167 168 169"),
    (Status(Reason::Access), "61 139"),
    (Status(Reason::ArrivalScan), "16"),
    (Status(Reason::AttemptGeneric), "22 23 24 60 66 69 145"),
    (Status(Reason::BadAddress), "50"),
    (Status(Reason::CustomsInfoRequired), "58 124 125 141"),
    (Status(Reason::CustomsProcessing), "12 92 123 126"),
    (Status(Reason::CustomsReleased), "14 84 134"),
    (Status(Reason::Damaged), "59"),
    (Status(Reason::DeliveredGeneric), "11 26"),
    (Status(Reason::Disposed), "149"),
    (Status(Reason::ExceptionGeneric), "13 29 30 76 83"),
    (Status(Reason::Forwarded), "28 96"),
    (Status(Reason::Label), "3 44 45 79 80 157 166"),
    (Status(Reason::Lost), "68"),
    (
        Status(Reason::Moving),
        "5 10 25 39 47 71 72 73 74 87 137 138 143 158 159 164 165 57 70",
    ),
    (Status(Reason::PaymentDue), "62 85"),
    (Status(Reason::Ready), "17 40 144 161"),
    (Status(Reason::Received), "34 81"),
    (Status(Reason::Refused), "64"),
    (Status(Reason::Security), "147"),
    (Status(Reason::ToSender), "35 36 67 118"),
    (Status(Reason::Today), "6 21 37 78 89 91 146 162"),
    (Status(Reason::Voided), "7"),
];

/// Shipments that a post office delivers.
pub(super) const MAIL_INNOVATIONS: Table = &[
    (Delay(DelayReason::Carrier), "0 EB MT PM RN SN"),
    (Delay(DelayReason::Customs), "PD"),
    (Delay(DelayReason::External), "R4 RG"),
    (Delay(DelayReason::Weather), "EA PY"),
    (Note, "DM R6"),
    (Status(Reason::Accepted), "2O MV Q1 VS XA"),
    (Status(Reason::Access), "DO DU DV DW EC ZM"),
    (
        Status(Reason::ArrivalScan),
        "DQ DS DZ P3 PA Q2 YH YI ZS ZV ZZ",
    ),
    (Status(Reason::ArrivedDestination), "MZ P2"),
    (Status(Reason::AttemptGeneric), "P6 QS QW RF DP"),
    (
        Status(Reason::BadAddress),
        "EE EG PI PN R0 R5 RH RJ RK RM RR YF YJ",
    ),
    (Status(Reason::Closed), "RI"),
    (Status(Reason::Collected), "1G PP"),
    (
        Status(Reason::CustomsInfoRequired),
        "PO Q9 QA QB QC QD QE QF QG QH QI QJ QK QL QP",
    ),
    (Status(Reason::CustomsProcessing), "MS P4 PK Q6 QM QN QQ"),
    (Status(Reason::CustomsProhibited), "Q8 R8"),
    (Status(Reason::CustomsReleased), "P5 Q7"),
    (Status(Reason::Damaged), "PH PX QR QV R3"),
    (Status(Reason::DeliveredGeneric), "F4 P1 RQ YC"),
    (Status(Reason::DepartedOrigin), "MR P7"),
    (Status(Reason::DepartureScan), "DR DY OF Q4 ZR ZU MW ZN"),
    (
        Status(Reason::Disposed),
        "RS RT RU RV RW RX RY RZ S0 S1 S2 S3 YL",
    ),
    (Status(Reason::ExceptionGeneric), "QY"),
    (Status(Reason::Forwarded), "S4 S5 S6 S7 S8 YG"),
    (Status(Reason::Label), "2N ML MP MQ PF Q0"),
    (Status(Reason::Lost), "R9 YM"),
    (Status(Reason::Moved), "EF EH QZ YK"),
    (
        Status(Reason::Moving),
        "1B 1E EN MU MX MY P8 PB Q3 ZT ZW ZX ZY",
    ),
    (Status(Reason::NotHome), "EM QT QU R2 SR DX"),
    (Status(Reason::PaymentDue), "R7"),
    (Status(Reason::Ready), "1C 1D AU DN ED P0 PC PE R1 RP SO YD"),
    (Status(Reason::Received), "SQ XO"),
    (Status(Reason::Refused), "PG PL PU QX YE"),
    (Status(Reason::RejectedByCarrier), "Q5 RL"),
    (Status(Reason::Signed), "DL"),
    (
        Status(Reason::ToSender),
        "1F EI EJ EK KP PJ PQ PR PS PT PV PW S9 SA SB SC SD SE SF SG SH SI SJ SK SL SM \
         SP XD",
    ),
    (Status(Reason::Today), "1A EL P9 RB RD RE RC"),
    (Status(Reason::Unclaimed), "RA"),
];

/// Freight: movements.
pub(super) const FREIGHT: Table = &[
    (
        Note,
        "0 3 4 6 15 16 22 36 44 45 47 48 53 55 58 59 60 61 72 \
         73 74",
    ),
    (Status(Reason::Accepted), "2 17 51"),
    (Status(Reason::Appointment), "20 54"),
    (Status(Reason::ArrivalScan), "7 29 30 40 46 49 52 57"),
    (Status(Reason::ArrivedDestination), "31"),
    (
        Status(Reason::CustomsProcessing),
        "32 33 34 35 41 42 43 56 67 68 69 70",
    ),
    (Status(Reason::CustomsReleased), "9 27"),
    (Status(Reason::DeliveredGeneric), "12 50"),
    (Status(Reason::DepartedOrigin), "80"),
    (Status(Reason::DepartureScan), "5 28"),
    (Status(Reason::ExceptionGeneric), "13"),
    (Status(Reason::Label), "1 37 38 39"),
    (Status(Reason::Moving), "10 62 63 65 66"),
    (Status(Reason::Today), "11"),
    (Status(Reason::Voided), "14"),
];

/// Freight: exceptions.
pub(super) const FREIGHT_EXCEPTIONS: Table = &[
    (
        Delay(DelayReason::Carrier),
        "1 4 18 19 20 22 38 39 48 49 53 59 62 66 67 71 72 73 88 89 94 96 98 BL BM BP C3 \
         E2 E5 EF GD HA HD I5 I6 IC IN IO MR MS TM U4 UL UQ",
    ),
    (Delay(DelayReason::Customs), "61 99 A1 HC"),
    (Delay(DelayReason::External), "40 45 46 55 DH F3 HN IP UM"),
    (
        Delay(DelayReason::Flight),
        "41 43 44 64 91 92 AR D3 FX IJ IL MB",
    ),
    (Delay(DelayReason::Weather), "5 BW"),
    (
        Note,
        "3 7 8 9 21 29 30 42 47 50 51 60 70 74 75 76 77 78 81 82 87 90 A4 A5 AS B3 B4 \
         B6 B7 B8 B9 C0 D2 DX F1 HG HU I4 IA IF IG IK SA TE TI U2 U3 UH UI UK UN UZ",
    ),
    (Status(Reason::Appointment), "DE"),
    (Status(Reason::AttemptGeneric), "2 IE"),
    (Status(Reason::BadAddress), "UG"),
    (Status(Reason::Closed), "UF"),
    (
        Status(Reason::CustomsInfoRequired),
        "25 52 57 DP HE I1 I2 I3 IQ LD",
    ),
    (
        Status(Reason::CustomsProcessing),
        "11 24 26 56 84 A2 A3 C7 EC G1 G2 G3 G4 G5 IS IT",
    ),
    (Status(Reason::CustomsReleased), "68 E4 EX"),
    (Status(Reason::Damaged), "6 14 15 27 80 97 E8 E9 UJ"),
    (Status(Reason::DeliveredGeneric), "28 63 12"),
    (Status(Reason::ExceptionGeneric), "16 17 31 33 36 95 F2 34"),
    (Status(Reason::Forwarded), "83 85 E6"),
    (Status(Reason::Lost), "LC PS UX"),
    (Status(Reason::PaymentDue), "58 IH"),
    (Status(Reason::Refused), "10 D1 D5 E7 II RF UY D4"),
    (Status(Reason::RejectedByCarrier), "32 54 65 79 93 DG IM"),
    (Status(Reason::Resolved), "E1"),
    (Status(Reason::Security), "69 35 HF"),
    (Status(Reason::ToSender), "86"),
    (Status(Reason::Unclaimed), "U6"),
    (Status(Reason::Voided), "SC"),
];
